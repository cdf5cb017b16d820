"""Charts in the page: the script that draws them, and the frames that it is sent."""
