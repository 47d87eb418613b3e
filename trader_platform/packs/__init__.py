"""Country packs: the data of one country as plain files, their reader and their loader."""
