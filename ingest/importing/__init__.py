"""Bring human texts in: files, folders, pasted pages, transcripts that feeds offer."""
