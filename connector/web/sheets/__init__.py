"""The pages of the dashboard as sheets: numbers, tables and charts, for a page, a file or a document."""
