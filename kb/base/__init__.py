"""What everything stands on: records, versions, names, and how documents are read and written."""
