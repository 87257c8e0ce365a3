"""Vector stores: files cut into chunks, to be searched. Both generations share them."""
