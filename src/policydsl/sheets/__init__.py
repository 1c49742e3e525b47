"""How does a table get from a sheet into a policy, and back again?"""
