# Pinned values of tests/unit/test_ess.c, by the R package posterior 1.4.0 (R 4.2.2).
# Draws: AR(1) on sums of four numbers of the minimal standard generator; exact in double.
library(posterior)
state <- 20240229
uniform <- function() {
    state <<- (state * 16807) %% 2147483647
    state / 2147483647
}
chains <- function(length, count, phi, step) {
    x <- matrix(0, length, count)
    for (c in 1:count) {
        value <- 0
        for (i in 1:length) {
            value <- phi * value + (uniform() + uniform() + uniform() + uniform() - 2)
            x[i, c] <- value + step * (c - 1)
        }
    }
    x
}
show <- function(name, x)
    cat(sprintf("%s %.15g %.15g %.15g %.15g %.15g\n", name, ess_bulk(x), ess_tail(x), rhat(x),
                ess_mean(x), mcse_mean(x)))
show("persistent", chains(250, 4, 0.7, 0))
show("antithetic", chains(250, 4, -0.5, 0))
show("shifted", chains(250, 4, 0.3, 0.4))
show("odd, ties", round(chains(101, 3, 0.5, 0) * 4) / 4)
show("short", chains(13, 2, 0.2, 0))
