"""The graph that is attacked: people who know each other, what is noted of them, and shelters not everybody may see."""
