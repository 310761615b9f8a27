"""The pages of the dashboard as sheets: numbers, tables and charts, made from the store and not yet shown anywhere."""
