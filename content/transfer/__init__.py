"""In and out of the portal: papers, exports, backups, and the check that all is whole."""
