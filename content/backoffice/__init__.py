"""The back office: every kind and every register as lists that an administrator can search, change and export.

A register is declared in one file of ``registers``; the engine, the pages, the bulk acts and the exports know none.
"""
