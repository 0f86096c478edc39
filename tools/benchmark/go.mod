module sluice.example/benchmark

go 1.19
