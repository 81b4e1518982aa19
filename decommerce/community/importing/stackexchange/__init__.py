"""Reading a Stack Exchange site from its public dump: one XML file for each kind of row.

The format is described at https://meta.stackexchange.com/questions/2677/.
"""
