"""`engross watch`: drafts made anew whenever a file of the workspace is saved, by processes that stay warm."""
