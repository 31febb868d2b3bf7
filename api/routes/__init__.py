"""The routes: each is one sentence."""
