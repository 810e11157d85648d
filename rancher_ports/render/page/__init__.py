"""The page for a browser: a matrix of who reaches whom, whatever it is made of, with the reason of every port."""
