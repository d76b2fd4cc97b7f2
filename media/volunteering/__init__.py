"""What ten minutes are best spent on: doubts, the glossary, one correction everywhere, the effort left."""
