"""Reports on paper: the figures of the graph as CSV, XLSX and PDF, for funders, regulators and directors.

`vereda report FORM PERIOD` asks the public graph in the name of a system that may read it, and writes a file of what it was
answered: numbers and no names, each with its definition, period, source, and why it is not shown where it is not. Data flows
straight: `asking` makes a `document.Report` of the answer, and each of `as_csv`, `as_xlsx`, `as_pdf` writes one.
"""
