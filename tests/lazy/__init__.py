"""Provider packages that load when used, with real ones: run with whichever of cdktf and cdktn is installed.

Whether packages are lazy is a matter of a whole process, so each case has one of its own.
"""
