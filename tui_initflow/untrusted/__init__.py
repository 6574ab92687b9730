"""Files that come from elsewhere: opened without waiting for anybody, and what they say made safe to show.

May import: nothing of the package.
"""
