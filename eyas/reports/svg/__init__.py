"""Draw data as SVG and HTML text: pure functions, no state, no script, no files.

Colours are the custom properties of the page's style, set by the classes in `assets/sections.css`. A picture
is as wide as its place: marks stretch, texts do not. Each says in its label what it shows.
"""
