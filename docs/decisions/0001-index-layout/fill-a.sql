insert into resource
select rid, type, id, 1, now(), false, 'Patient/' || p, case type when 'Procedure' then :'procedure' when 'Observation' then :'observation' else :'patient' end || rid,
  (select array_agg(h) from tokens(s.type, s.code, s.p, s.rid) t,
     unnest(case when t.system = '' or t.code = '' then array[hashtextextended(t.system || '|' || t.code, t.param)]
       else array[hashtextextended('|' || t.code, t.param), hashtextextended(t.system || '|' || t.code, t.param)] end) h),
  at, at, case when type = 'Observation' then rid % 11 end
from sample s order by rid;
