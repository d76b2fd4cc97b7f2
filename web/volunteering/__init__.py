"""Pages that make ten minutes count: the doubt queue, the glossary, one correction everywhere, effort."""
