/* maxpost: Bayesian MAP estimation.  Includes every public header. */
#ifndef MAXPOST_MAXPOST_H
#define MAXPOST_MAXPOST_H

#include "maxpost/base.h"
#include "maxpost/data.h"
#include "maxpost/fit.h"
#include "maxpost/model.h"
#include "maxpost/posterior.h"
#include "maxpost/run.h"
#include "maxpost/select.h"

#endif
