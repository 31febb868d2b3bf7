"""Agreements and tickets in the words of TM Forum's Open APIs, for those who read them with tools of theirs."""
