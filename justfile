# Each recipe is a step of .ci/run, which is what CI runs; `just` alone runs them all.

all:
    .ci/run

fmt:
    .ci/run fmt

lint:
    .ci/run lint

test:
    .ci/run tests

doc:
    .ci/run doc

examples:
    .ci/run examples

bench:
    .ci/run bench

highs:
    .ci/run highs
