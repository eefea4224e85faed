"""A browser in a few words, so that people recognise their own devices: Safari · iPhone."""

from __future__ import annotations

# What its line contains → what it is called; the first that is found. Most say that they are others, too.
_BROWSERS = (
    ("MicroMessenger", "微信"), ("QQBrowser", "QQ"), ("UCBrowser", "UC"), ("HuaweiBrowser", "Huawei"),
    ("MiuiBrowser", "Mi"), ("SamsungBrowser", "Samsung"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_DEVICES = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"),
    ("Windows", "Windows"), ("Mac OS", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def label(user_agent: str) -> str:
    """Browser and device, as far as the line says; "" if it says neither."""
    line = user_agent[:500]
    found = (next((name for sign, name in table if sign in line), "") for table in (_BROWSERS, _DEVICES))
    return " · ".join(part for part in found if part)
