"""Where audio lies, named by its SHA-256: in a folder of this machine or a shared one, or in S3 storage."""
