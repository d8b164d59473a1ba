insert into resource
select rid, type, id, 1, now(), false, 'Patient/' || p, case type when 'Procedure' then :'procedure' when 'Observation' then :'observation' else :'patient' end || rid
from sample order by rid;
insert into token_index
select hashtextextended(t.code, t.param), s.at, s.rid, hashtext(t.system), t.param, 0
from sample s, tokens(s.type, s.code, s.p, s.rid) t order by s.rid;
insert into date_index select at, at, rid, case type when 'Procedure' then 8 else 17 end from sample where type in ('Procedure', 'Observation') order by rid;
insert into number_index select rid % 11, rid, 18 from sample where type = 'Observation' order by rid;
