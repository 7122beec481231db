# Paths and cross-validation by glmnet, for tests/unit/test_path.c and test_cv.c.
#   Rscript tests/reference/path/path.R        from the root of the repository
# R 4.2.2, glmnet 4.1-6, thresh = 1e-14.  NAME.csv: the data, where they are simulated.  NAME-path.csv:
# a row a point, lambda beside the sum of squares / 2 or -log likelihood, deviance explained,
# coefficients.  glmnet says which are 0 and their signs; Newton steps on the others take them from its
# 1e-6, on columns that go together, to rounding (they may not move by more than 1e-3).
# NAME-cv.csv: lambda, cvm, cvsd, and which point is lambda.min (1), lambda.1se (2) or both (3);
# NAME-out.csv: the out-of-fold linear predictors at lambda.1se.
library(glmnet)
glmnet.control(fdev = 0, devmax = 1, epsnr = 1e-14, mxitnr = 1000)
out <- "tests/reference/path/"
own <- function(name) read.csv(paste0("configs/data/", name, ".csv"))
save <- function(d, file) {
    d[] <- lapply(d, function(v) if (is.numeric(v)) sprintf("%.17g", v) else v)
    write.csv(d, paste0(out, file, ".csv"), row.names = FALSE, quote = FALSE)
}
# lambda of glmnet's own path; not the first, where rounding may move somebody off a kink
few <- function(fit, every = 5) fit$lambda[seq(3, length(fit$lambda), every)]
show <- function(name, lambda, dev, b) save(data.frame(lambda = lambda, dev = dev, t(b), check.names = FALSE),
                                            paste0(name, "-path"))
# Newton's method on the coefficients off 0 and off their limits, from glmnet's.
polish <- function(beta, x, y, family, w, offset, l1, l2, lower, upper, intercept) {
    Z <- cbind(1, x); l1 <- c(0, l1); l2 <- c(0, l2); n <- length(beta)
    on <- beta != 0 & beta > c(-Inf, lower) & beta < c(Inf, upper); on[1] <- intercept
    b <- beta
    if (any(on)) for (step in 1:30) {
        eta <- offset + drop(Z %*% b); mu <- family$linkinv(eta)
        g <- drop(crossprod(Z, w * (y - mu))) - l1 * sign(b) - l2 * b
        H <- crossprod(Z, w * family$mu.eta(eta) * Z) + diag(l2)
        b[on] <- b[on] + solve(H[on, on], g[on])
    }
    stopifnot(all(sign(b) == sign(beta) | !on | seq(n) == 1), max(abs(b - beta) / pmax(1, abs(beta))) < 1e-3)
    b
}
run <- function(name, x, y, family, weights = rep(1, nrow(x)), trials = 1, offset = rep(0, nrow(x)),
                factor = rep(1, ncol(x)), lower.limits = -Inf, upper.limits = Inf, alpha = 1,
                intercept = TRUE, standardize = TRUE, every = 5) {
    x <- as.matrix(x); p <- ncol(x); w <- weights * trials; W <- sum(w)
    response <- if (length(trials) > 1) cbind(trials - y, y) else y
    fit <- function(...) glmnet(x, response, family = family, weights = weights, offset = offset, penalty.factor = factor,
                                lower.limits = lower.limits, upper.limits = upper.limits, alpha = alpha,
                                intercept = intercept, standardize = standardize, ...)
    lambda <- few(fit(), every)
    f <- fit(lambda = lambda, thresh = 1e-14, maxit = 1e9)
    stopifnot(length(f$lambda) == length(lambda))
    sd <- if (standardize) sqrt(colSums(w * scale(x, colSums(w * x) / W, FALSE)^2) / W) else 1
    family <- if (is.character(family)) get(family)() else family
    b <- as.matrix(coef(f)); b[] <- b
    dev <- lambda * 0
    null <- sum(w * family$dev.resids(y / trials, if (intercept) fitted(glm(y / trials ~ 1, family, weights = w, offset = offset,
                control = list(epsilon = 1e-15))) else family$linkinv(offset), 1))
    for (i in seq(lambda)) {
        l <- lambda[i] * W * factor * p / sum(factor)
        b[, i] <- polish(b[, i], x, y / trials, family, w, offset, l * alpha * sd, l * (1 - alpha) * sd^2,
                         rep_len(lower.limits, p), rep_len(upper.limits, p), intercept)
        dev[i] <- 1 - sum(w * family$dev.resids(y / trials, family$linkinv(offset + drop(cbind(1, x) %*% b[, i])), 1)) / null
    }
    show(name, lambda * W * p / sum(factor), dev, b)
}
simulate <- function(seed, n, p, rho) {
    set.seed(seed)
    x <- sqrt(rho) * rnorm(n) + sqrt(1 - rho) * matrix(rnorm(n * p), n, p)
    colnames(x) <- paste0("x", 1:p)
    x
}

d <- own("diabetes"); X <- d[, 1:10]
run("diabetes", X, d$progression, "gaussian")
run("diabetes-ridge", X, d$progression, gaussian(), alpha = 0, every = 10)
p <- own("prostate")
run("prostate", p[, 1:8], p$lpsa, gaussian(), alpha = 0.5)
b <- own("birthweight")[, c("age", "weight", "smoke", "earlier", "hypertension", "irritability", "visits", "low")]
run("birthweight", b[, 1:7], b$low, "binomial", standardize = FALSE)
c <- own("breast-cancer")
run("breast-cancer", c[, 1:30], c$benign, "binomial", alpha = 0.3, every = 8)
a <- own("articles")
run("articles", a[, 1:5], a$articles, "poisson")

# weights, penalty factors with a free term, lower limits, columns with correlation 0.98
x <- simulate(1, 60, 8, 0.98); w <- round(runif(60, 0.2, 3), 3)
y <- drop(x %*% c(2, -1, 0, 0, 1, 0, 3, 0)) + rnorm(60)
save(data.frame(x, w = w, y = y), "weighted")
run("weighted", x, y, "gaussian", weights = w, standardize = FALSE,
    factor = c(0, 1, 1, 2, 0.5, 1, 1, 1), lower.limits = c(-Inf, rep(0, 7)))
# successes out of trials
x <- simulate(2, 50, 6, 0.3); m <- rpois(50, 6) + 1
y <- rbinom(50, m, plogis(drop(x %*% c(1, -1, 0.5, 0, 0, 0)) - 0.4))
save(data.frame(x, y = y, m = m), "trials")
run("trials", x, y, "binomial", trials = m, standardize = FALSE)
# poisson with an offset and weights, elastic net
x <- simulate(3, 70, 7, 0.5); e <- round(runif(70, -1, 2), 3); w <- sample(1:4, 70, TRUE)
y <- rpois(70, exp(e + drop(x %*% c(0.5, 0, -0.4, 0, 0, 0.2, 0))))
save(data.frame(x, e = e, w = w, y = y), "exposure")
run("exposure", x, y, "poisson", offset = e, weights = w, alpha = 0.7)
# more columns than rows; two columns the same, a ridge part holds them together
x <- simulate(4, 30, 60, 0.1); y <- drop(x[, 1:4] %*% c(3, -2, 2, 1)) + 0.5 * rnorm(30)
save(data.frame(x, y = y), "wide")
run("wide", x, y, "gaussian", every = 6)
x[, 2] <- x[, 1]; x <- x[, 1:9]
save(data.frame(x, y = y), "twins")
run("twins", x, y, gaussian(), alpha = 0.8, standardize = FALSE)
# logistic with an offset, limits on both sides, no intercept
x <- simulate(5, 80, 5, 0.2); e <- round(rnorm(80) / 2, 3)
y <- rbinom(80, 1, plogis(e + drop(x %*% c(2, -2, 1, 0, 0))))
save(data.frame(x, e = e, y = y), "limits")
run("limits", x, y, "binomial", offset = e, intercept = FALSE, standardize = FALSE,
    lower.limits = c(0, -0.5, 0, -1, -1), upper.limits = c(0.7, Inf, Inf, 1, 1))
# classes
i <- own("iris"); x <- as.matrix(i[, 1:4])
f <- glmnet(x, i$species, family = "multinomial", lambda = few(glmnet(x, i$species, family = "multinomial")),
            thresh = 1e-14, maxit = 1e9)
# the same for classes; the first intercept is held meanwhile, as only differences matter
Y <- outer(i$species, levels(factor(i$species)), "==") + 0; Z <- cbind(1, x)
sd <- sqrt(colMeans(scale(x, scale = FALSE)^2))
softmax <- function(B) { E <- exp(Z %*% B); E / rowSums(E) }
dev <- 0 * f$lambda
k <- array(unlist(lapply(coef(f), as.matrix)), c(5, length(dev), 3))
for (l in seq(dev)) {
    B <- k[, l, ]; on <- B != 0; on[1, 1] <- FALSE
    l1 <- f$lambda[l] * 150 * c(0, sd)
    for (step in 1:30) {
        P <- softmax(B)
        g <- crossprod(Z, Y - P) - l1 * sign(B)
        H <- do.call(rbind, lapply(1:3, function(a) do.call(cbind, lapply(1:3, function(b)
            crossprod(Z, P[, a] * ((a == b) - P[, b]) * Z)))))
        B[on] <- B[on] + solve(H[on, on], g[on])
    }
    B[1, ] <- B[1, ] - mean(B[1, ])
    stopifnot(all(sign(B[-1, ]) == sign(k[-1, l, ])), max(abs(B - k[, l, ]) / pmax(1, abs(B))) < 1e-3)
    k[, l, ] <- B
    dev[l] <- 1 - sum(Y * log(softmax(B))) / sum(Y * log(1 / 3))
}
classes <- levels(factor(i$species))
save(data.frame(lambda = f$lambda * 150, dev = dev, do.call(cbind, lapply(1:3, function(c) {
    b <- t(k[, , c])
    colnames(b) <- paste0(c("intercept", colnames(x)), "[", classes[c], "]")
    b
})), check.names = FALSE), "iris-path")

cv <- function(name, data, x, y, W, ..., folds = 5, every = 5, most = 100) {
    x <- as.matrix(x)
    set.seed(10)
    fold <- sample(rep(1:folds, length.out = nrow(x)))
    lambda <- head(few(glmnet(x, y, ...), every), most)
    fit <- cv.glmnet(x, y, ..., lambda = lambda, foldid = fold, thresh = 1e-14, maxit = 1e9,
                     type.measure = "deviance", keep = TRUE)
    stopifnot(length(fit$lambda) == length(lambda))
    if (!is.null(data)) save(data.frame(data, fold = fold), name)
    which <- (fit$lambda == fit$lambda.min) + 2 * (fit$lambda == fit$lambda.1se)
    save(data.frame(lambda = fit$lambda * W, cvm = fit$cvm, cvsd = fit$cvsd, which = which),
         paste0(name, "-cv"))
    at <- which(fit$lambda == fit$lambda.1se)
    eta <- if (length(dim(fit$fit.preval)) == 3) fit$fit.preval[, , at] else fit$fit.preval[, at]
    if (is.matrix(eta)) eta <- eta - rowMeans(eta)
    save(data.frame(eta), paste0(name, "-out"))
}
cv("cv-prostate", p, p[, 1:8], p$lpsa, nrow(p), family = "gaussian")
cv("cv-birthweight", b, b[, 1:7], b$low, nrow(b), family = "binomial")
x <- simulate(2, 50, 6, 0.3); m <- rpois(50, 6) + 1
y <- rbinom(50, m, plogis(drop(x %*% c(1, -1, 0.5, 0, 0, 0)) - 0.4))
cv("cv-trials", data.frame(x, y = y, m = m), x, cbind(m - y, y), sum(m), family = "binomial", standardize = FALSE)
x <- simulate(3, 70, 7, 0.5); e <- round(runif(70, -1, 2), 3); w <- sample(1:4, 70, TRUE)
y <- rpois(70, exp(e + drop(x %*% c(0.5, 0, -0.4, 0, 0, 0.2, 0))))
cv("cv-exposure", data.frame(x, e = e, w = w, y = y), x, y, sum(w), family = "poisson", offset = e,
   weights = w, alpha = 0.7)
x <- as.matrix(i[, 1:4])
cv("cv-iris", i, x, i$species, 150, family = "multinomial", every = 8,
   most = 10) # beyond, glmnet cuts probabilities off at 1e-5
