"""The screens: the dashboard, the phase chart, and the dialogues over them."""
