#include "verb.h"

const char help_text_fit[] =
    "Reads the run and its model, finds the mode of the posterior, certifies it, and\n"
    "approximates the posterior around it.  Prints a summary and writes, into\n"
    "output.directory (out/NAME unless the run or --out says otherwise):\n"
    "  fit.json          everything, in a documented schema\n"
    "  terms.csv         term, estimate, std_error, conf_low, conf_high, prior\n"
    "  covariance.npy    posterior covariance, in the order of the terms; with more of them than\n"
    "                    rows and than laplace.covariance_limit the sds come without it\n"
    "\n"
    "Reading the summary:\n"
    "  mode              the estimate; `exactly 0`: at the kink of its prior\n"
    "  mean              posterior mean, where it differs from the mode\n"
    "  sd, lower, upper  posterior sd and interval; the sentence above the table says what\n"
    "                    they surround.  laplace.level sets the level, 95%\n"
    "  P(>0)             posterior probability that the coefficient is above 0\n"
    "  mode/std          the mode on standardized columns, where the priors speak\n"
    "  KKT residual      how far the optimality conditions are from holding, in posterior\n"
    "                    sds; converged means below fit.tolerance (1e-9)\n"
    "\n"
    "Keys worth knowing: data.missing (error, drop), data.weights, data.offset, data.types,\n"
    "fit.method, fit.tolerance, fit.max_iterations, laplace.at_kinks (auto, kink, active),\n"
    "laplace.samples, laplace.level, laplace.covariance_terms, output.directory,\n"
    "output.formats.\n"
    "\n"
    "Examples:\n"
    "  maxpost fit configs/diabetes-lasso.yaml\n"
    "  maxpost fit run.yaml --set 'model.prior.weights=laplace(0, 0.5)' --out out/try\n"
    "  maxpost fit run.yaml --json | jq '.terms[] | {term, estimate, sd}'\n";

const char help_text_predict[] =
    "Predicts the rows of a data file from a saved fit: fit.json, or the directory that it is\n"
    "in.  DATA needs the columns of the predictors, the offset and the trials.  Prints CSV:\n"
    "  row               of DATA, from 1; rows that miss a cell are left out where the fit\n"
    "                    had data.missing: drop, and an error otherwise\n"
    "  mean              of the response at the mode\n"
    "  sd_eta            posterior sd of the linear predictor\n"
    "  lower, upper      interval of the mean: eta -+ z sd_eta through the link\n"
    "  sd_predictive     sd of a new response, noise and posterior together\n"
    "  p[CLASS]          probability of each class, for responses that are classes\n"
    "Where DATA has the response, scores go to standard error (and into the document of\n"
    "--json): log predictive density, RMSE, Brier score, accuracy, AUC, calibration.\n"
    "\n"
    "Probabilities are taken at the mode (plug_in), averaged over the posterior by a formula\n"
    "(averaged: exact for probit, MacKay's for logit, rough for several classes), or\n"
    "averaged over draws (monte_carlo).\n"
    "\n"
    "Examples:\n"
    "  maxpost predict out/cars new-cars.csv\n"
    "  maxpost predict out/cars new-cars.csv --level 0.9 --out predictions.csv\n"
    "  maxpost predict out/cars test.csv --json | jq .scores\n";

const char help_text_draws[] =
    "Draws from the posterior of a saved fit, which must be normal around its mode: priors\n"
    "without kinks, no bounds.  Positive parameters are drawn on the scale of their mode\n"
    "(mode_on) and printed on the natural one.  Prints the CSV that CmdStan writes for a\n"
    "Laplace approximation; ArviZ's from_cmdstan and cmdstanr's read_cmdstan_csv read it.\n"
    "  log_p__           nan: the log posterior needs the data\n"
    "  log_q__           log density of the approximation\n"
    "  b.1, b.2, ...     the coefficients; comments before the header say which is which\n"
    "  noise_sd, ...     auxiliary parameters\n"
    "\n"
    "Examples:\n"
    "  maxpost draws out/cars --draws 4000 --out draws.csv\n"
    "  maxpost draws out/cars --names terms | grep -v '^#'\n";

const char help_text_check[] =
    "Validates a run or a model without fitting it, and prints the model as understood:\n"
    "response, family, link, and one line a parameter with its prior.  Where the data file\n"
    "can be read, globs and `predictors: all` are resolved against its columns.\n"
    "Faults are reported as file:line:column with the line and a caret, exit code 78.\n"
    "\n"
    "Examples:\n"
    "  maxpost check configs/diabetes-lasso.yaml\n"
    "  maxpost check models/diabetes-lasso.yaml --quiet && echo good\n";

const char help_text_convert[] =
    "Prints a prior as the penalty that each tool needs for the same estimate, or the prior\n"
    "that a tool's penalty stands for.  The translation depends on the data through the\n"
    "number of rows (tools divide their loss by it), and for the gaussian family through the\n"
    "noise sd (tools leave the noise variance out of their loss).\n"
    "\n"
    "Penalties (--penalty):\n"
    "  sum(l1=, l2=)                          loss + l1 |b| + l2 b^2/2\n"
    "  mean(l1=, l2=)                         loss/rows + l1 |b| + l2 b^2/2\n"
    "  glmnet(lambda=, alpha=, gaussian=string|object)\n"
    "  sklearn(kind=ridge|lasso|poisson, alpha=)\n"
    "  sklearn(kind=elastic_net, alpha=, l1_ratio=)\n"
    "  sklearn(kind=logistic_l1|logistic_l2|logistic_elastic_net, C=, l1_ratio=)\n"
    "\n"
    "Examples:\n"
    "  maxpost convert --prior 'laplace(0, 0.5)' --rows 442 --noise-sd 54\n"
    "  maxpost convert --penalty 'glmnet(lambda=0.1, alpha=1)' --rows 442 --noise-sd 54\n"
    "  maxpost convert --prior 'gaussian(0, 2.5)' --family bernoulli --rows 200\n";

const char help_text_schema[] =
    "Prints the JSON Schema of runs and models, from the same table that checks them.\n"
    "Save it and let your editor's YAML plug-in complete and check keys as you type:\n"
    "\n"
    "  maxpost schema > maxpost.schema.json\n"
    "\n"
    "and as the first line of a run:\n"
    "\n"
    "  # yaml-language-server: $schema=maxpost.schema.json\n";

const char help_text_init[] =
    "Looks at a data file and writes NAME-model.yaml and NAME-run.yaml into the working\n"
    "directory: a model of its last numeric column, or of --response, and a run that fits\n"
    "it.  The family follows from the values of the response; columns of text become\n"
    "factors; identifiers, dates and constant columns are left out; the priors are weak.\n"
    "Comments say why.  Both files work without edits.  Existing files are not overwritten\n"
    "(exit code 73).\n"
    "\n"
    "Examples:\n"
    "  maxpost init cars.csv && maxpost fit cars-run.yaml\n"
    "  maxpost init cars.csv --response speed\n";

const char help_text_help[] = "Prints the general help, or that of a command.\n";
