-- What the network may read of cohorts that are over: written by a round, suppressed before it is written (R31).

SELECT vereda_protect('published_funnels');
CREATE POLICY loaders ON published_funnels TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY members_read ON published_funnels FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
