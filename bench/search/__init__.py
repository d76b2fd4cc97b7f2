"""Search measured at 40,000, 200,000 and 1,000,000 passages, beside SQLite's FTS5 and tantivy."""
