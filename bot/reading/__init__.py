"""Builds views from rows: cards, reviews, posts, pages, exports. Nothing here changes a row or knows a platform."""
