"""What leaves the site for other programs: transcripts as files, feeds of shows, chapters, subscriptions."""
