"""Runs whole patient records through the service and counts what came back.

For people who want to know what the service would say about their own records before anyone sees a card.
"""
