"""What a feed says, what that means for a show, and how shows are taken in."""
