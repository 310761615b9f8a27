"""The pages of the dashboard as sheets: numbers, tables and charts, made from the store, that a page, a file or a document shows."""
