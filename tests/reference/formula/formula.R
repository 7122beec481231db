# Writes data.csv and designs.txt, the pinned values of tests/unit/test_formula.c: what R's
# model.matrix makes of formulas (R 4.2.2).  Run: Rscript formula.R, in this directory.
# Levels are named "[B]", so that a column is called site[B] here as there; R's backticks around a
# column that stands alone are taken away.
set.seed(20240511)
n <- 14
data <- data.frame(
    y = round(rnorm(n), 3),
    x = round(exp(rnorm(n)), 4),
    z = round(runif(n, 1, 5), 3),
    site = rep(c("C", "A", "B"), length.out = n),
    sex = rep(c("m", "f", "f", "m", "m"), length.out = n),
    grp = rep(c(10, 2, 1), c(5, 5, 4)),
    check.names = FALSE)
data[["my var"]] <- round(runif(n, 0.5, 2), 4)
write.csv(data, "data.csv", row.names = FALSE, quote = FALSE)

bracket <- function(v) {
    f <- factor(v)
    levels(f) <- paste0("[", levels(f), "]")
    f
}
coded <- data
for (name in c("site", "sex", "grp"))
    coded[[name]] <- bracket(data[[name]])
code <- function(f, contrast) {
    l <- levels(f)
    m <- switch(contrast, treatment = contr.treatment(length(l)), sum = contr.sum(length(l)),
                helmert = contr.helmert(length(l)))
    dimnames(m) <- list(l, if (contrast == "sum") l[-length(l)] else l[-1])
    contrasts(f) <- m
    f
}

formulas <- c(
    "y ~ x", "y ~ x + z", "y ~ 0 + x", "y ~ x - 1", "y ~ -1 + site", "y ~ 1", "y ~ x + 1 - 1",
    "y ~ x - 1 + 1", "y ~ x + x", "y ~ site", "y ~ site + sex", "y ~ 0 + sex + site",
    "y ~ x * site", "y ~ x:site", "y ~ site:x", "y ~ 0 + x:site", "y ~ site * sex",
    "y ~ site:sex", "y ~ site:sex - 1", "y ~ site + site:x", "y ~ sex + site:sex",
    "y ~ (x + z) * site", "y ~ x * z * site", "y ~ x:z + z + x", "y ~ (x + site) * (z + sex)",
    "y ~ site * sex * grp - site:sex:grp", "y ~ site * sex - site", "y ~ site * sex - sex - 1",
    "y ~ .", "y ~ . - z", "y ~ sex + .", "y ~ (.) * sex - x:sex", "y ~ .:site", "y ~ . + log(x) + z:x",
    "y ~ log(x) + sqrt(z) + I(x^2)", "y ~ I(x/z) + exp(-z)", "y ~ I((x + z)/2 - -x^2 * 3)",
    "y ~ I(x^-1) + I(2 * x^z^0.5) + abs(x - z)", "y ~ poly(x, 1)", "y ~ poly(x, 3)",
    "y ~ poly(x, degree = 2, raw = TRUE)", "y ~ poly(x, 2):site", "y ~ poly(log(x), 2) * sex",
    "y ~ poly(x, 2):poly(z, 2)", "y ~ x:x", "y ~ site:site", "y ~ x + offset(z)",
    "y ~ `my var` * site", "y ~ log(`my var`) + I(`my var` * 2) + poly(`my var`, 2)",
    "y ~ site:x:sex", "y ~ grp + x:grp:sex", "y ~ 0 + x + site + site:sex", "y~x+site:sex+sex",
    "y ~ 0 + site:sex + x:sex", "y ~ z + sex:x + site:z + site:sex:x", "y ~ (x - z) * (site - z)")
out <- file("designs.txt", "w")
for (contrast in c("treatment", "sum", "helmert")) {
    for (name in c("site", "sex", "grp"))
        coded[[name]] <- code(coded[[name]], contrast)
    for (text in formulas) {
        if (contrast != "treatment" && !grepl("site", text))
            next
        f <- as.formula(text)
        m <- model.matrix(f, coded)
        intercept <- attr(terms(f, data = coded), "intercept")
        if (intercept == 1)
            m <- m[, -1, drop = FALSE]
        writeLines(c(text, contrast, sprintf("%d %d", intercept, ncol(m))), out)
        names <- gsub("(^|:)`([^`]*)`", "\\1\\2", colnames(m))
        for (j in seq_len(ncol(m)))
            writeLines(c(names[j], paste(sprintf("%.17g", m[, j]), collapse = " ")), out)
    }
}
close(out)
