# Peers in R.     Rscript peers.R WORKLOAD DIRECTORY PEER THREADS [TOLERANCE]
# Serves as peers.py does: a line "ready" or "absent" first, then "fit" and "save PATH".
arguments <- commandArgs(TRUE)
workload <- arguments[1]
peer <- arguments[3]
threads <- as.integer(arguments[4])
tolerance <- if (length(arguments) > 4) as.numeric(arguments[5]) else NA
base <- sub("-.*", "", workload)
set <- paste0(switch(base, w4c = "w4", w6s = "w6", w7s = "w7", w7r = "w7", base), substring(workload, nchar(base) + 1))
file_of <- function(ending) file.path(arguments[2], paste0(set, ending))

say <- function(...) { cat(sprintf(...), "\n", sep = ""); flush(stdout()) }
need <- function(package) {
  if (!suppressWarnings(suppressMessages(require(package, character.only = TRUE, quietly = TRUE)))) {
    say('{"absent": "R package %s"}', package)
    quit("no")
  }
  paste(package, packageVersion(package))
}

# A .npy file, version 1: ten bytes, the last two the header's length.
npy <- function(ending) {
  input <- file(file_of(ending), "rb")
  on.exit(close(input))
  start <- readBin(input, "raw", 10)
  header <- rawToChar(readBin(input, "raw", as.integer(start[9]) + 256L * as.integer(start[10])))
  shape <- as.numeric(strsplit(gsub(" ", "", sub(".*'shape': \\(([^)]*)\\).*", "\\1", header)), ",")[[1]])
  double <- grepl("<f8", header)
  x <- readBin(input, if (double) "double" else "integer", prod(shape), size = if (double) 8 else 4)
  if (length(shape) == 2) dim(x) <- shape
  x
}
meta_text <- readLines(file_of("_meta.json"), warn = FALSE)
meta <- function(key) as.numeric(sub(paste0('.*"', key, '": ([-+0-9.eE]+).*'), "\\1", meta_text))
status <- function(key)
  as.numeric(sub("[^0-9]*([0-9]+).*", "\\1", grep(key, readLines("/proc/self/status"), value = TRUE)[1])) / 1024

reading <- peer == "fread"
version <- if (reading) need("data.table") else if (peer == "bayesglm") need("arm") else
  if (peer == "crossprod_chol") paste("R", getRversion()) else need("glmnet")
if (reading) setDTthreads(threads)
if (!reading) {
  n <- meta("n")
  if (grepl('"nnz"', meta_text)) {
    need("Matrix")
    X <- new("dgCMatrix", i = npy("_csc_indices.npy"), p = npy("_csc_indptr.npy"), x = npy("_csc_data.npy"),
             Dim = as.integer(c(n, meta("p"))))
  } else X <- npy("_X.npy")
  y <- npy("_y.npy")
  lambda <- if (file.exists(file_of("_lam.npy"))) npy("_lam.npy")
}

# Every penalty is fitted, however little it changes.
if (grepl("glmnet", peer)) glmnet.control(fdev = 0, devmax = 1, eps = 1e-12)
net <- function(lambda, ..., f = glmnet)
  f(X, y, lambda = lambda, thresh = tolerance, standardize = FALSE, intercept = FALSE, maxit = 1e7, ...)
# A single penalty at the end of a short path, as its authors advise.
l2_path <- function(...) net(meta("tau") / n * c(1000, 100, 10, 1), alpha = 0, ...)
fits <- list(
  glmnet_gaussian = function() net(lambda),
  glmnet_covariance = function() net(lambda, type.gaussian = "covariance"),
  glmnet_binomial = function() net(lambda, family = "binomial"),
  glmnet_one = function() net(exp(seq(log(meta("lmax")), log(min(lambda)), length.out = 10)), family = "binomial"),
  glmnet_ridge = function() net(meta("tau") / n * sqrt(mean(y^2)) * c(100, 10, 1), alpha = 0),
  glmnet_logistic_l2 = function() l2_path(family = "binomial"),
  glmnet_poisson = function() l2_path(family = "poisson"),
  cv_glmnet = function() net(lambda, f = cv.glmnet, foldid = rep(1:10, each = n / 10)),
  crossprod_chol = function() {
    G <- crossprod(X)
    diag(G) <- diag(G) + meta("tau")
    R <- chol(G)
    backsolve(R, forwardsolve(t(R), crossprod(X, y)))
  },
  bayesglm = function() arm::bayesglm.fit(X, (y + 1) / 2, family = binomial(), intercept = FALSE,
    prior.scale = 1 / sqrt(meta("tau")), prior.df = Inf, scaled = FALSE, Warning = FALSE),
  fread = function() fread(file_of(".csv"), showProgress = FALSE)
)
answer <- function(result) {
  if (reading) return(unlist(result, use.names = FALSE))
  if (inherits(result, "cv.glmnet")) return(result$cvm)
  if (inherits(result, "glmnet")) {
    b <- as.matrix(result$beta)
    return(if (base %in% c("w2", "w3", "w5", "w6")) b else b[, ncol(b)])
  }
  if (is.list(result)) result$coefficients else result
}

say('{"ready": 1, "version": "%s"}', version)
input <- file("stdin", "r")
while (length(line <- readLines(input, 1))) {
  if (line == "fit") {
    result <- NULL
    invisible(gc())
    before <- status("VmRSS")
    try(cat("5", file = "/proc/self/clear_refs"), silent = TRUE)
    start <- proc.time()
    result <- try(fits[[peer]](), silent = TRUE)
    used <- proc.time() - start
    if (inherits(result, "try-error"))
      say('{"error": "%s"}', gsub('["\\\\\n]', " ", result))
    else
      say('{"wall": %.6g, "cpu": %.6g, "peak_mb": %.1f, "before_mb": %.1f}', used[3], used[1] + used[2],
          status("VmHWM"), before)
  } else if (startsWith(line, "save ")) {
    writeBin(as.double(answer(result)), substring(line, 6))
    say('{"saved": 1}')
  }
}
