module survey

go 1.21
