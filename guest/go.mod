module mvm/guest

go 1.24
