/* candidate_log: what a candidate policy would have done otherwise, as pairs of a log record. */
#ifndef PROXY_CANDIDATE_LOG_H
#define PROXY_CANDIDATE_LOG_H

#include "base/log.h"
#include "policy/policy_shadow.h"

void candidate_log(struct log_record *r, const struct policy_difference *d, const struct fact_schema *schema);

#endif
