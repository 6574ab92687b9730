"""The screens: the dashboard, the phase chart, and the dialogues that come up over them."""
