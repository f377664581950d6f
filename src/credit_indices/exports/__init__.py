"""Files made from the warehouse: tables for papers, workbooks, the audit page."""
