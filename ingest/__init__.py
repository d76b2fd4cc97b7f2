"""How episodes come in: feeds, download, recognition, speakers, turns."""
