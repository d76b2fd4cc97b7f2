"""Pages on which a transcript is made right: passages, the editor, review, history."""
