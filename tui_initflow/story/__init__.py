"""The guided tour: nine steps as data, each with a question, a real run of the engine, and what it shows.

May import: pages, findings and what lies below them. Never Textual.
"""
