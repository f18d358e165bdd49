"""Who may give what to whom, pure."""
